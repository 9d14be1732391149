import { reasonOf } from '../client/reason.ts';

/** The system's codes in plain words. */
const words: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EACCES: 'you may not do that there',
  EPERM: 'you may not do that there',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead to each other',
  EMFILE: 'too many files are open',
  EBUSY: 'something else is using it',
};

/** Why something cannot be read or written, for a user; what the system says where that is plain enough. */
export function plainReason(error: unknown): string {
  const { code = '' } = Object(error) as { code?: string };
  return words[code] ?? reasonOf(error);
}
