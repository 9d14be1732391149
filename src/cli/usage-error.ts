/** The command was given in a way that cannot work; nothing has been done. `message` is for the person who typed it. */
export class UsageError extends Error {}
