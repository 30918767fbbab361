/** A trace's `schema` step in the form that `powersync_replace_schema` and `start` take. */
import type { RawTableSchema, RecordingOptions } from '../../../src/schema/schema.ts'
import type { TraceStep } from '../../../src/replay/step.ts'

export type SchemaStep = Extract<TraceStep, { do: 'schema' }>

export function toCoreSchema({ tables, rawTables }: SchemaStep): object {
  return {
    tables: Object.entries(tables).map(([name, table]) => ({
      name,
      view_name: table['viewName'] ?? null,
      local_only: table.localOnly ?? false,
      include_metadata: table['trackMetadata'] ?? false,
      ...recording(table as RecordingOptions),
      columns: Object.entries(table.columns).map(([column, type]) => ({ name: column, type })),
      indexes: Object.entries((table['indexes'] ?? {}) as { [name: string]: Index }).map(
        ([index, { columns }]) => ({
          name: index,
          columns: columns.map(({ name: column, descending }) => ({
            name: column,
            ascending: descending !== true,
            type: table.columns[column],
          })),
        }),
      ),
    })),
    raw_tables: Object.entries(rawTables).map(([name, raw]) => toCoreRawTable(name, raw)),
  }
}

export function toCoreRawTable(name: string, raw: unknown): object {
  const { schema, ...statements } = raw as RawTableSchema
  if (schema === undefined) return { name, ...statements }
  return {
    name,
    ...statements,
    table_name: rawTableName(name, raw),
    synced_columns: schema.syncedColumns,
    ...recording(schema),
  }
}

/** Its name in the database. */
export function rawTableName(name: string, raw: unknown): string {
  return (raw as RawTableSchema).schema?.tableName ?? name
}

function recording(options: RecordingOptions): object {
  const { insertOnly, trackPrevious = false, ignoreEmptyUpdates } = options
  const previous = typeof trackPrevious === 'object' ? trackPrevious : {}
  return {
    insert_only: insertOnly ?? false,
    include_old: typeof trackPrevious === 'object' ? (previous.columns ?? true) : trackPrevious,
    include_old_only_when_changed: previous.onlyWhenChanged ?? false,
    ignore_empty_update: ignoreEmptyUpdates ?? false,
  }
}

interface Index {
  readonly columns: readonly { readonly name: string; readonly descending?: boolean }[]
}
