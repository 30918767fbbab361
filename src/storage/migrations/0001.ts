/**
 * The first layout. Names are the field's, the layout is ours.
 *
 * Op ids fill all 64 bits. A bucket's `id` is what its entries and staged ops carry: a bucket that is dropped or
 * cleared gets a new one, and the old one waits in `ps_dropped` until a merge removes its entries. So every id
 * in `ps_oplog` and `ps_staged` stands in `ps_buckets` or in `ps_dropped`.
 */
export const layout0001 = `
-- Small single values: client_id, the schema in use, the write gate's numbers.
CREATE TABLE ps_kv(key TEXT PRIMARY KEY NOT NULL, value ANY) STRICT, WITHOUT ROWID;

-- local_params is canonical JSON, 'null' for none. ttl, expires_at and last_synced_at are in milliseconds.
CREATE TABLE ps_stream_subscriptions(
  id INTEGER NOT NULL PRIMARY KEY,
  stream_name TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT FALSE,
  is_default INTEGER NOT NULL DEFAULT FALSE,
  local_priority INTEGER,
  local_params TEXT NOT NULL DEFAULT 'null',
  ttl INTEGER,
  expires_at INTEGER,
  last_synced_at INTEGER,
  UNIQUE (stream_name, local_params)
) STRICT;

-- What is published: a bucket priority, or 2147483647 for all of them. last_synced_at is in milliseconds.
CREATE TABLE ps_sync_state(priority INTEGER NOT NULL PRIMARY KEY, last_synced_at INTEGER NOT NULL) STRICT;

-- target_ and priority: what the last checkpoint says; null when it does not list the bucket.
-- ordinal: the order of first data lines; null before it, and then the bucket has no position.
-- position and era: see buckets.ts.
CREATE TABLE ps_buckets(
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  ordinal INTEGER,
  position INTEGER NOT NULL,
  era INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  count_at_last INTEGER NOT NULL,
  count_since_last INTEGER NOT NULL,
  target_checksum INTEGER,
  target_count INTEGER,
  priority INTEGER,
  subscriptions TEXT NOT NULL
) STRICT;

-- Each finds, without a walk over all buckets: those that do not add up, those whose progress is not nought,
-- and those that received more than they should hold.
CREATE INDEX ps_buckets_unequal ON ps_buckets(priority) WHERE checksum <> target_checksum;
CREATE INDEX ps_buckets_counting ON ps_buckets(id) WHERE count_since_last <> 0 OR count_at_last <> target_count;
CREATE INDEX ps_buckets_overfull ON ps_buckets(id)
  WHERE target_checksum IS NOT NULL AND count_at_last + count_since_last > coalesce(target_count, 0);

-- Validated checkpoints: the buckets up to this priority stand at op_id, unless they moved in a later era.
CREATE TABLE ps_applied(priority INTEGER NOT NULL PRIMARY KEY, op_id INTEGER NOT NULL, era INTEGER NOT NULL) STRICT;

-- Old ids of buckets, whose entries the next merge of that priority removes. All of one name have the priority
-- that the bucket had last.
CREATE TABLE ps_dropped(
  name TEXT NOT NULL,
  id INTEGER NOT NULL,
  priority INTEGER,
  PRIMARY KEY (name, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE ps_row_types(id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- Entries: live PUTs. data is null while the row in its table is this entry's version.
CREATE TABLE ps_oplog(
  row_type INTEGER NOT NULL,
  row_id TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  subkey TEXT NOT NULL,
  op_id INTEGER NOT NULL,
  data TEXT,
  PRIMARY KEY (row_type, row_id, bucket, subkey)
) STRICT, WITHOUT ROWID;

-- Ops that wait for their checkpoint, in the order of arrival. data is null for a REMOVE.
CREATE TABLE ps_staged(
  bucket INTEGER NOT NULL,
  row_type INTEGER NOT NULL,
  row_id TEXT NOT NULL,
  subkey TEXT NOT NULL,
  op_id INTEGER NOT NULL,
  data TEXT,
  CONSTRAINT row_is_json CHECK (data IS NULL OR json_valid(data, 2))
) STRICT;

-- Rows of types that the schema does not name.
CREATE TABLE ps_untyped(
  row_type INTEGER NOT NULL,
  id TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (row_type, id)
) STRICT;

-- Local writes that wait for their upload, and the rows that they changed.
CREATE TABLE ps_crud(id INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT, tx_id INTEGER) STRICT;
CREATE TABLE ps_updated_rows(
  row_type INTEGER NOT NULL,
  row_id TEXT NOT NULL,
  PRIMARY KEY (row_type, row_id)
) STRICT, WITHOUT ROWID;
`
