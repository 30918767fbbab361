import { expect, test } from 'vitest'
import { sources } from '../../src/demo/streams.ts'
import { Store } from '../../src/demo/store.ts'
import { generateDataset } from '../../src/demo/dataset.ts'
import { parseBody, streamRequest } from '../../src/demo/requests.ts'
import { nothingWatched, Watching, type Watcher } from '../../src/demo/watched.ts'

const store = new Store(sources)
store.commit(generateDataset({ seed: 7, scale: 'small', archiveBuckets: 3 }))
const [issue] = Array.from(store.rows('issues'))

/** A client's stream with these subscriptions, `project-01` or an issue. */
function watcher(...ids: readonly string[]): Watcher {
  const subscriptions = ids.map((id) => ({
    stream: id.startsWith('issue') ? 'issue_comments' : 'project_issues',
    parameters: id.startsWith('issue') ? { issue: id } : { project: id },
    override_priority: null,
  }))
  return { userId: 'person-01', request: parseBody(streamRequest, { streams: { subscriptions } }) }
}

test('what is new in a request was opened last, however the request orders it', () => {
  const watching = new Watching()
  watching.note([watcher('project-05')])
  watching.note([watcher('project-02', 'project-05')])
  const open = [watcher('project-01', 'project-02', 'project-05')]
  watching.note(open)
  expect(watching.of(open, store)).toEqual({
    projects: ['project-01', 'project-02', 'project-05'],
    issues: [],
    people: ['person-01'],
  })
})

test('an open issue counts for its project too', () => {
  const watching = new Watching()
  const open = [watcher('project-06', issue!.id)]
  watching.note(open)
  expect(watching.of(open, store)).toMatchObject({
    projects: [issue!.project_id, 'project-06'],
    issues: [issue!.id],
  })
})

test('what was given back is not watched, and nothing is while no stream is open', () => {
  const watching = new Watching()
  watching.note([watcher('project-05', 'project-02')])
  expect(watching.of([], store)).toEqual(nothingWatched)
  const open = [watcher('project-02')]
  watching.note(open)
  expect(watching.of(open, store).projects).toEqual(['project-02'])
})
