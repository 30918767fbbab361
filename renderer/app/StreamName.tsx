/** Gives the name of a stream as people say it: ids in its parameters become the names of what they stand for. */
import type { ReactNode } from 'react'
import type { StreamStatus } from '../../src/status/status.ts'
import { issueKey, useRows } from './rows.ts'
import { capital, streamWords } from './words.ts'

export interface StreamNameProps {
  readonly stream: Pick<StreamStatus, 'name' | 'params'>
  readonly children: (name: string) => ReactNode
}

export function StreamName({ stream, children }: StreamNameProps) {
  switch (stream.name) {
    case 'project_issues':
      return <OfProject stream={stream}>{children}</OfProject>
    case 'issue_comments':
      return <OfIssue stream={stream}>{children}</OfIssue>
    default:
      return children(capital(streamWords(stream)))
  }
}

function OfProject({ stream, children }: StreamNameProps) {
  const { rows } = useRows('project', { project: text(stream.params?.['project']) })
  return children(capital(streamWords(stream, { project: rows[0]?.name })))
}

function OfIssue({ stream, children }: StreamNameProps) {
  const { rows } = useRows('issue', { issue: text(stream.params?.['issue']) })
  return children(capital(streamWords(stream, { issue: rows[0] && issueKey(rows[0]) })))
}

function text(param: unknown): string {
  return typeof param === 'string' ? param : ''
}
