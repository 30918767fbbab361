/**
 * The demo's tables, as plain data: name -> columns with their types. Every row also has a text `id`, which
 * is not listed. The app builds its schema from this, so both sides mean the same tables.
 */
import type { ColumnType } from '../schema/schema.ts'

export const tables = {
  /** What the company works on. `key` prefixes issue numbers (`DISP-12`); `archived` is 0 or 1. */
  projects: {
    key: 'text',
    name: 'text',
    description: 'text',
    color: 'text',
    lead_id: 'text',
    created_at: 'text',
    archived: 'integer',
  },
  /** The people of the company. `avatar_hue` is in degrees. */
  people: { name: 'text', email: 'text', role: 'text', avatar_hue: 'integer' },
  labels: { name: 'text', color: 'text' },
  /**
   * `status` is one of `issueStatuses`, `priority` 0 (urgent) to 3 (low), `labels` a JSON array of label
   * names, `comment_count` kept by the service. `locked` is 0 or 1: a locked issue takes no changes.
   */
  issues: {
    project_id: 'text',
    number: 'integer',
    title: 'text',
    description: 'text',
    status: 'text',
    priority: 'integer',
    assignee_id: 'text',
    reporter_id: 'text',
    labels: 'text',
    created_at: 'text',
    updated_at: 'text',
    comment_count: 'integer',
    locked: 'integer',
  },
  comments: { issue_id: 'text', author_id: 'text', body: 'text', created_at: 'text' },
  /** Old closed issues, a few words each, on thousands of shelves. */
  archived_issues: { shelf: 'text', title: 'text', closed_at: 'text', resolution: 'text' },
} as const satisfies Record<string, Record<string, ColumnType>>

/** The order in which an issue normally moves. */
export const issueStatuses = ['backlog', 'todo', 'in_progress', 'in_review', 'done', 'canceled'] as const

export type IssueStatus = (typeof issueStatuses)[number]
export type TableName = keyof typeof tables

export function isClosed(status: string | null): boolean {
  return status === 'done' || status === 'canceled'
}

/** A row of one table, with the columns in the order of `tables`. Timestamps are ISO texts in UTC. */
export type Row<T extends TableName> = { readonly id: string } & {
  readonly [C in keyof (typeof tables)[T]]: ((typeof tables)[T][C] extends 'text' ? string : number) | null
}

/** A row of some table, where the table is known only at run time. */
export type AnyRow = { readonly id: string; readonly [column: string]: string | number | null }

/** One row after a change; null when it is gone. */
export interface RowChange {
  readonly table: TableName
  readonly id: string
  readonly row: AnyRow | null
}

export function isTableName(name: string): name is TableName {
  return Object.hasOwn(tables, name)
}
