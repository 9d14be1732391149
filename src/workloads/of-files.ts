/** Workloads whose items are files: of a folder, each file is one, whereas a table is a file of items for the others. */
export const workloadsOfFiles: ReadonlySet<string> = new Set(['extract-files']);
