/**
 * The issue tracker's tables, the same as the demo service's, with the indexes that its queries walk. Changes of
 * issues and comments are recorded with the values before, so that whoever looks at a change sees what it replaces.
 */
import { tables, type TableName } from '../demo/tables.ts'
import type { Schema, TableSchema } from '../schema/schema.ts'

const written = { trackPrevious: { onlyWhenChanged: true }, ignoreEmptyUpdates: true } as const

const details: { readonly [T in TableName]?: Omit<TableSchema, 'columns'> } = {
  issues: {
    ...written,
    indexes: {
      by_project: { columns: [{ name: 'project_id' }, { name: 'number', descending: true }] },
      by_project_status: { columns: [{ name: 'project_id' }, { name: 'status' }] },
      by_assignee: { columns: [{ name: 'assignee_id' }, { name: 'status' }] },
    },
  },
  comments: {
    ...written,
    indexes: { by_issue: { columns: [{ name: 'issue_id' }, { name: 'created_at' }] } },
  },
}

export const schema: Schema = {
  tables: Object.fromEntries(
    Object.entries(tables).map(([name, columns]): [string, TableSchema] => [
      name,
      { columns, ...details[name as TableName] },
    ]),
  ),
}
