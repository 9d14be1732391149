import { hex } from '../../physics/chance.ts';
import type { World } from '../api.ts';

export interface StoredFile {
  id: string;
  object: 'file';
  bytes: number;
  /** Epoch seconds. */
  created_at: number;
  filename: string;
  purpose: 'batch' | 'batch_output';
}

/** Files that were uploaded or made here, with their text. */
export interface Files {
  add(filename: string, purpose: StoredFile['purpose'], text: string): StoredFile;
  find(id: string): StoredFile | undefined;
  text(id: string): string | undefined;
}

export function createFiles({ random, time }: World): Files {
  const files = new Map<string, { file: StoredFile; text: string }>();
  return {
    add: (filename, purpose, text) => {
      const file: StoredFile = {
        id: `file_${hex(random('groq file', files.size), 26)}`,
        object: 'file',
        bytes: Buffer.byteLength(text),
        created_at: Math.floor(time.epochMs() / 1000),
        filename,
        purpose,
      };
      files.set(file.id, { file, text });
      return file;
    },
    find: (id) => files.get(id)?.file,
    text: (id) => files.get(id)?.text,
  };
}
