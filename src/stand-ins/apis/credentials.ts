/**
 * Any key is good, so that nobody has to set one up, but for those that begin with `invalid`: they are what a revoked
 * or mistyped one is to the real API.
 */
export function credential(text: string | undefined): 'missing' | 'invalid' | 'valid' {
  if (text === undefined || text === '') return 'missing';
  return text.startsWith('invalid') ? 'invalid' : 'valid';
}

/** The token of `Authorization: Bearer …`. */
export function bearer(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
}
