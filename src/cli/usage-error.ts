/** The command cannot work as it was entered; nothing has been done. `message` is for the user who typed it. */
export class UsageError extends Error {}
