/** Streams in plain words, pure. */
import type { StreamStatus } from '../../src/status/status.ts'

/** What a stream holds, as a noun that fits in a sentence. `project` and `issue` name what its id stands for. */
export function streamWords(
  { name, params }: Pick<StreamStatus, 'name' | 'params'>,
  names: { readonly project?: string | undefined; readonly issue?: string | undefined } = {},
): string {
  switch (name) {
    case 'workspace':
      return 'projects and people'
    case 'my_work':
      return 'my work'
    case 'watched_projects':
      return 'watched projects'
    case 'archive':
      return 'the archive'
    case 'project_issues':
      return `issues of ${names.project ?? 'a project'}`
    case 'issue_comments':
      return `comments on ${names.issue ?? 'an issue'}`
    default:
      return params === null ? name : `${name} ${JSON.stringify(params)}`
  }
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
