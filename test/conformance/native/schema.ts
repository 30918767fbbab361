/** A trace's `schema` step in the form that `powersync_replace_schema` and `start` take. */
import type { TraceStep } from '../../../src/replay/step.ts'

export type SchemaStep = Extract<TraceStep, { do: 'schema' }>

export function toCoreSchema({ tables, rawTables }: SchemaStep): object {
  return {
    tables: Object.entries(tables).map(([name, table]) => ({
      name,
      view_name: table['viewName'] ?? null,
      local_only: table.localOnly ?? false,
      insert_only: table.insertOnly ?? false,
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
    raw_tables: Object.entries(rawTables).map(([name, raw]) => ({ name, ...(raw as object) })),
  }
}

interface Index {
  readonly columns: readonly { readonly name: string; readonly descending?: boolean }[]
}
