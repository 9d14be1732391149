/** Folders further down are counted to the one so many steps down: each repeats the contexts of those in it. */
const maxDepth = 20;
/** Folders that are told of; files in others still count for those above them. */
const maxFolders = 10_000;

/** A folder, and which of the folders that have files are within it, itself among them. */
export interface FolderTree {
  folder: string;
  within: string[];
}

/**
 * The folders that have files (`a/b`, or `.` for none) and those above them, sorted by their paths. All lies within `.`,
 * which is there if it has files of its own.
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
