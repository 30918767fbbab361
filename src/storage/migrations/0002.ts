/**
 * Local writes: the upload queue in columns, and `powersync_crud`, the view by which every write is recorded.
 * Triggers of our views insert into it, and so may the app's own triggers on raw tables.
 *
 * Its trigger adds the entry, notes the row as locally changed and closes the write gate, except while the merge
 * writes raw tables. `options`: 2 is an insert-only table (nothing is noted, the gate stays as it is), 16 leaves
 * out updates that change nothing.
 *
 * The conflict clause of the app's statement (OR IGNORE, OR FAIL) governs all INSERTs in triggers, but not those
 * that say ON CONFLICT themselves.
 */
export const layout0002 = `
DROP TABLE ps_crud;
CREATE TABLE ps_crud(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tx_id INTEGER NOT NULL,
  op TEXT NOT NULL,
  type TEXT NOT NULL,
  row_id TEXT NOT NULL,
  data TEXT,
  old_values TEXT,
  metadata TEXT
) STRICT;

INSERT INTO ps_kv(key, value) VALUES ('next_transaction', 1);

CREATE VIEW powersync_crud(op, id, type, data, old_values, metadata, options) AS
  SELECT op, row_id, type, data, old_values, metadata, 0 FROM ps_crud;

CREATE TRIGGER powersync_crud_insert INSTEAD OF INSERT ON powersync_crud
WHEN powersync_in_sync_operation() = 0
  AND NOT (NEW.op = 'PATCH' AND NEW.data = '{}' AND ifnull(NEW.options, 0) & 16)
BEGIN
  SELECT RAISE(ABORT, 'JSON cannot hold an infinite number')
  WHERE EXISTS (SELECT 1 FROM json_each(NEW.data) WHERE atom IN (9e999, -9e999));
  INSERT INTO ps_crud(tx_id, op, type, row_id, data, old_values, metadata)
  SELECT value, NEW.op, NEW.type, NEW.id, NEW.data, NEW.old_values, NEW.metadata
  FROM ps_kv WHERE key = 'next_transaction';
  INSERT INTO ps_row_types(name) SELECT NEW.type WHERE NOT ifnull(NEW.options, 0) & 2 ON CONFLICT DO NOTHING;
  INSERT INTO ps_updated_rows(row_type, row_id)
  SELECT id, NEW.id FROM ps_row_types WHERE name = NEW.type AND NOT ifnull(NEW.options, 0) & 2
  ON CONFLICT DO NOTHING;
  INSERT INTO ps_kv(key, value) SELECT 'write_target', ${2n ** 63n - 1n} WHERE NOT ifnull(NEW.options, 0) & 2
  ON CONFLICT DO UPDATE SET value = excluded.value;
  DELETE FROM ps_kv WHERE key = 'write_seen' AND NOT ifnull(NEW.options, 0) & 2;
END;
`
