/** The part of osls, which reads serverless.yml, that the plugin uses. */
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
  /** Path of a finished zip: osls then builds none. */
  package?: { artifact?: string };
}

/** A variable is text, or a value for CloudFormation to resolve. */
export type Environment = Record<string, unknown>;

/** Command-line options, and what osls adds to them. */
export interface Options {
  function?: string;
  /** Of `invoke local`: the event, parsed. */
  data?: unknown;
  /** Of `invoke local`: directory of the handlers, within the service's directory. */
  extraServicePath?: string;
  /** Of `invoke local`: the function's definition, once the options are checked. */
  functionObj?: FunctionDefinition;
}

/** Functions that osls calls at points of a command's life. */
export type Hooks = Record<string, () => Promise<void> | void>;

export interface PluginUtilities {
  log: { notice(message: string): void };
}
