/** When the transactions of the upload queue were recorded. What waits from before has no time. */
export const layout0004 = `
-- queued_at is in milliseconds. A row goes when its transaction leaves the queue.
CREATE TABLE ps_queued(tx_id INTEGER NOT NULL PRIMARY KEY, queued_at INTEGER NOT NULL) STRICT;
`
