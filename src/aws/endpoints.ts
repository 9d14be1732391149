/** The kinds of servers behind the ports, as the SDK's settings name them. */
export const serverKinds = ['s3', 'sqs', 'dynamodb'] as const;
export type ServerKind = (typeof serverKinds)[number];

/** The endpoint that an environment sets for a client, and the setting; undefined for the SDK's default, AWS. */
export function endpointIn(
  env: NodeJS.ProcessEnv,
  kind: ServerKind,
): { url: string; setting: string } | undefined {
  for (const setting of [`AWS_ENDPOINT_URL_${kind.toUpperCase()}`, 'AWS_ENDPOINT_URL']) {
    const url = env[setting];
    if (url) return { url, setting };
  }
  return undefined;
}
