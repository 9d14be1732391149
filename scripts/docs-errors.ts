// npm run docs:errors: writes docs/errors.md from the declarations of all errors.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorsPage } from './docs/errors-page.ts';

const file = join(import.meta.dirname, '..', 'docs', 'errors.md');
await writeFile(file, errorsPage());
console.log(file);
