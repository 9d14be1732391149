/** Columns that follow an item's own and say why it failed or was cancelled. */
export const errorColumns = ['error_code', 'error_message'] as const;

/** The code of a row that was not processed: it did not fail, and is in no file of errors. */
export const cancelledCode = 'CANCELLED';
