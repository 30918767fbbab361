/** The issue tracker's tables, the same as the demo service's, with the indexes that its queries walk. */
import { tables, type TableName } from '../demo/tables.ts'
import type { IndexSchema, Schema, TableSchema } from '../schema/schema.ts'

const indexes: { readonly [T in TableName]?: { readonly [name: string]: IndexSchema } } = {
  issues: {
    by_project: { columns: [{ name: 'project_id' }, { name: 'number', descending: true }] },
    by_project_status: { columns: [{ name: 'project_id' }, { name: 'status' }] },
    by_assignee: { columns: [{ name: 'assignee_id' }, { name: 'status' }] },
  },
  comments: {
    by_issue: { columns: [{ name: 'issue_id' }, { name: 'created_at' }] },
  },
}

export const schema: Schema = {
  tables: Object.fromEntries(
    Object.entries(tables).map(([name, columns]): [string, TableSchema] => {
      const own = indexes[name as TableName]
      return [name, own === undefined ? { columns } : { columns, indexes: own }]
    }),
  ),
}
