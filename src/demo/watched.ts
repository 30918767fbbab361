/**
 * What people look at, as far as the open streams tell: the simulation works there more than elsewhere.
 *
 * A client asks anew with all of its subscriptions whenever it gets another one, and keeps those that it looks at
 * no more for a day. So what is new in a request was opened last, and comes first here.
 */
import type { StreamRequest } from './requests.ts'
import type { Store } from './store.ts'

export interface Watched {
  /** Ids, the one opened last first. */
  readonly projects: readonly string[]
  readonly issues: readonly string[]
  /** Who sees the work that is assigned to them. */
  readonly people: readonly string[]
}

export const nothingWatched: Watched = { projects: [], issues: [], people: [] }

type Subscription = StreamRequest['streams']['subscriptions'][number]

/** The requests of the streams that are open. */
export interface Watcher {
  readonly userId: string
  readonly request: StreamRequest
}

export class Watching {
  /** By what tells them apart, the latest last. Those of streams that are over stay until another one opens. */
  #known = new Map<string, Subscription>()

  /** Takes note that the last of these streams was opened. */
  note(open: readonly Watcher[]): void {
    const asked = new Map(open.flatMap(({ request }) => request.streams.subscriptions.map(withKey)))
    const kept = Array.from(this.#known).filter(([key]) => asked.has(key))
    this.#known = new Map([...kept, ...asked])
  }

  of(open: readonly Watcher[], store: Store): Watched {
    if (open.length === 0) return nothingWatched
    const latest = Array.from(this.#known.values()).reverse()
    const issues = latest.flatMap((subscription) => idsOf(subscription, 'issue_comments', 'issue'))
    const projects = latest.flatMap((subscription) => [
      ...idsOf(subscription, 'project_issues', 'project'),
      ...idsOf(subscription, 'issue_comments', 'issue').flatMap(
        (id) => store.row('issues', id)?.project_id ?? [],
      ),
    ])
    const withDefaults = open.filter(({ request }) => request.streams.include_defaults)
    return {
      issues,
      projects: [...new Set(projects)],
      people: [...new Set(withDefaults.map(({ userId }) => userId))],
    }
  }
}

function withKey(subscription: Subscription): [string, Subscription] {
  return [JSON.stringify([subscription.stream, subscription.parameters]), subscription]
}

function idsOf({ stream, parameters }: Subscription, name: string, parameter: string): readonly string[] {
  const id = stream === name ? parameters?.[parameter] : undefined
  return typeof id === 'string' ? [id] : []
}
