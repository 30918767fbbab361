/** The tracker's named queries with the types of their rows. */
import { useNamedQuery } from '../../src/ipc/client/react.tsx'
import type { QueryParams, QueryState } from '../../src/ipc/client/index.ts'
import type { IssueRow, QueryRows } from '../../src/tracker/queries.ts'

export type {
  ArchivedRow,
  CommentRow,
  IssueDetailRow,
  IssueRow,
  PersonRow,
  ProjectRow,
} from '../../src/tracker/queries.ts'

export function useRows<N extends keyof QueryRows>(name: N, params?: QueryParams): QueryState<QueryRows[N]> {
  return useNamedQuery<QueryRows[N]>(name, params)
}

/** An issue's short name, as people say it: `DISP-12`, and `DISP-new` until the service has numbered it. */
export function issueKey({ project_key, number }: Pick<IssueRow, 'project_key' | 'number'>): string {
  return `${project_key ?? ''}-${number ?? 'new'}`
}

const closed: ReadonlySet<string> = new Set(['done', 'canceled'])

export function isOpen({ status }: { readonly status: string }): boolean {
  return !closed.has(status)
}

/** The names in a column of labels; nothing when it is not a JSON array of texts. */
export function labelsOf(column: string | null): readonly string[] {
  try {
    const labels: unknown = JSON.parse(column ?? '[]')
    return Array.isArray(labels) ? labels.filter((label) => typeof label === 'string') : []
  } catch {
    return []
  }
}
