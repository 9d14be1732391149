/** The part of osls, the tool that reads serverless.yml, that the plugin uses. */
export interface Serverless {
  serviceDir: string;
  /** The command line: `['invoke', 'local']`. */
  processedInput: { commands: string[] };
  service: {
    provider: { architecture?: string; environment?: Environment };
    custom: { pictures: string[] };
    functions: Record<string, FunctionDefinition>;
  };
}

export interface FunctionDefinition {
  handler: string;
  environment?: Environment;
  /** Path of a finished zip: osls then makes none itself. */
  package?: { artifact?: string };
}

/** A variable is a text, or something for CloudFormation to resolve. */
export type Environment = Record<string, unknown>;

/** Options of the command line, and what osls makes of them. */
export interface Options {
  function?: string;
  /** Of `invoke local`: the event, parsed. */
  data?: unknown;
  /** Of `invoke local`: directory of the handlers, within the service's. */
  extraServicePath?: string;
  /** Of `invoke local`: the function's definition, once the options are checked. */
  functionObj?: FunctionDefinition;
}

/** What osls calls at a point of a command's life. */
export type Hooks = Record<string, () => Promise<void> | void>;

export interface PluginUtilities {
  log: { notice(message: string): void };
}
