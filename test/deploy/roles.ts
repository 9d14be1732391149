import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

interface Role {
  Properties: { Policies: { PolicyDocument: { Statement: Statement[] } }[] };
}

const { Resources: roles } = parse(readFileSync('deploy/roles.yml', 'utf8')) as {
  Resources: Record<string, Role>;
};
const { functions } = parse(readFileSync('serverless.yml', 'utf8')) as {
  functions: Record<string, { role: string }>;
};

export const functionNames = Object.keys(functions);

export function statementsOf(functionName: string): Statement[] {
  const role = roles[functions[functionName]?.role ?? ''];
  if (!role) throw new Error(`${functionName} has no role of deploy/roles.yml`);
  return role.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** What a function may do, as `s3:GetObject Bucket/jobs/*` or `dynamodb:Query LedgerTable`. */
export function rightsOf(functionName: string): string[] {
  return statementsOf(functionName).flatMap(({ Action, Resource }) =>
    [Action].flat().map((action) => `${action} ${targetOf(Resource)}`),
  );
}

function targetOf(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const { 'Fn::GetAtt': attribute, 'Fn::Join': join } = resource as Record<string, unknown[]>;
  if (attribute) return String(attribute[0]);
  const [separator, parts] = join as [string, unknown[]];
  return parts.map(targetOf).join(separator);
}
