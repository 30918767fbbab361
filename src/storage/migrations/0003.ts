/** Transactions that the app gave up: they left the upload queue and are kept for people to see. */
export const layout0003 = `
-- entries is a JSON array; values in it are JSON text, exact to the last digit. discarded_at is in milliseconds.
CREATE TABLE ps_dead_letters(
  tx_id INTEGER NOT NULL PRIMARY KEY,
  entries TEXT NOT NULL,
  error_code TEXT NOT NULL,
  error_message TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  discarded_at INTEGER NOT NULL
) STRICT;
`
