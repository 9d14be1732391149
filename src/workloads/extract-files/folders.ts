/**
 * Deepest level of folders: files further down count in the folder at this level. Each folder repeats the contexts
 * of its subfolders.
 */
const maxDepth = 20;
/** Most folders to list; files in others still count in the folders above them. */
const maxFolders = 10_000;

/** A folder, and the folders with files within it, itself included. */
export interface FolderTree {
  folder: string;
  within: string[];
}

/**
 * The folders with files (`a/b`, or `.` for files outside all folders) and those above them, sorted by path.
 * Everything is within `.`, which is listed if it has files of its own.
 */
export function foldersOf(withFiles: readonly string[]): FolderTree[] {
  const trees = new Map<string, string[]>();
  const isFlat = withFiles.includes('.');
  for (const folder of withFiles) {
    const steps = folder === '.' ? [] : folder.split('/');
    const above = steps.slice(0, maxDepth).map((_, at) => steps.slice(0, at + 1).join('/'));
    for (const one of isFlat ? ['.', ...above] : above) {
      const within = trees.get(one);
      if (within) within.push(folder);
      else if (trees.size < maxFolders) trees.set(one, [folder]);
    }
  }
  return [...trees]
    .map(([folder, within]) => ({ folder, within }))
    .sort((a, b) => (a.folder < b.folder ? -1 : 1));
}
