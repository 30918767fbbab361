/**
 * The machine: `step` takes a state and an event and gives the next state and commands. Pure: the same inputs
 * always give the same result. `SPEC.md` says its rules in words.
 */
import { changeSubscription } from './changes.ts'
import { takeSaved, takeTracked } from './counts.ts'
import { Draft } from './draft.ts'
import type { Step, StorageOutcome, SyncEvent } from './event.ts'
import {
  closeHidden,
  connected,
  end,
  fail,
  open,
  prepare,
  restart,
  restartIfChanged,
  stop,
  wakeUp,
} from './iteration.ts'
import { applyBlocked, takeApplied, takeBlocked, takeLine, takeMismatched } from './lines.ts'
import { clear, load } from './load.ts'
import { type Changes, deltaBetween } from './report.ts'
import type { Phase, State } from './state.ts'

/**
 * The next state and what to do. The outcomes of storage commands are the next events; outward commands are
 * to be released after the commit. Throws `MisplacedEvent` on an event that cannot come in this phase: a fault
 * of the caller, never of the service.
 */
export function step(before: State, event: SyncEvent): Step<State> {
  const { state, commands, changes } = advance(before, event)
  const delta = deltaBetween(before, state, changes)
  return { state, commands: delta === null ? commands : [{ do: 'report', delta }, ...commands] }
}

/** As `step`, but without its report: many steps in a row can share one (see `Reports`). */
export function advance(state: State, event: SyncEvent): Step<State> & { readonly changes: Changes } {
  const draft = new Draft(state)
  if (isOutcome(event)) takeOutcome(draft, event)
  else takeEvent(draft, event)
  return draft.finish()
}

/** An event that cannot come in this phase, for example an outcome that nobody asked for. */
export class MisplacedEvent extends Error {
  override readonly name = 'MisplacedEvent'
  readonly code = 'misplaced_event'

  constructor(phase: Phase['at'], kind: SyncEvent['kind']) {
    super(`The event ${kind} cannot come in the phase ${phase}.`)
  }
}

type FromOutside = Exclude<SyncEvent, StorageOutcome>

function takeEvent(draft: Draft, event: FromOutside): void {
  const { phase } = draft
  if (!canCome(phase, event.kind)) throw new MisplacedEvent(phase.at, event.kind)
  const stream = phase.at === 'opening' || phase.at === 'streaming' ? phase : null
  if ('generation' in event && event.generation !== draft.known.generation) return
  switch (event.kind) {
    case 'loaded': {
      load(draft, event.loaded)
      break
    }
    case 'started': {
      prepare(draft, event.options, closeHidden(draft) ?? { state: 'connecting' }, event.now)
      break
    }
    case 'stopped': {
      stop(draft, event)
      break
    }
    case 'established': {
      if (stream?.at === 'opening') connected(draft, stream)
      break
    }
    case 'line': {
      if (stream !== null) takeLine(draft, connected(draft, stream), event)
      break
    }
    case 'malformed': {
      if (stream !== null) fail(draft, stream, { ...event, reason: event.error })
      break
    }
    case 'ended': {
      if (stream !== null) end(draft, stream, event)
      break
    }
    case 'refreshed': {
      if (stream !== null) restart(draft, stream, event.now)
      break
    }
    case 'subscribed':
    case 'released':
    case 'unsubscribed_all': {
      changeSubscription(draft, event)
      restartIfChanged(draft, event.now)
      break
    }
    case 'uploaded': {
      const { through, writeCheckpoint } = event
      draft.tell({ do: 'complete_upload', through, writeCheckpoint })
      applyBlocked(draft, writeCheckpoint, event)
      break
    }
    case 'write_checkpoint': {
      draft.tell({ do: 'set_target', id: event.id })
      applyBlocked(draft, event.id, event)
      break
    }
    case 'checkpoint_requested': {
      draft.ask({ do: 'allocate_request' })
      break
    }
    case 'requests_seeded': {
      draft.tell({ do: 'seed_requests', id: event.id })
      break
    }
    case 'cleared': {
      clear(draft, event)
      break
    }
    case 'resynced': {
      if (stream !== null) restart(draft, stream, event.now)
      draft.tell({ do: 'resync' })
      break
    }
    case 'clock': {
      wakeUp(draft, event.now)
      break
    }
    default: {
      event satisfies never
    }
  }
}

/** Rules A3 and K1. */
function canCome({ at }: Phase, kind: FromOutside['kind']): boolean {
  switch (at) {
    case 'unloaded': {
      return kind === 'loaded'
    }
    case 'preparing':
    case 'applying': {
      return false
    }
    case 'opening':
    case 'streaming': {
      return kind !== 'loaded' && kind !== 'cleared'
    }
    case 'stopped':
    case 'waiting':
    case 'restarting': {
      return kind !== 'loaded'
    }
  }
}

function takeOutcome(draft: Draft, outcome: StorageOutcome): void {
  const inPhase = <At extends Phase['at']>(at: At): Extract<Phase, { at: At }> => {
    if (draft.phase.at !== at) throw new MisplacedEvent(draft.phase.at, outcome.kind)
    return draft.phase as Extract<Phase, { at: At }>
  }
  switch (outcome.kind) {
    case 'positions': {
      open(draft, inPhase('preparing'), outcome)
      break
    }
    case 'tracked': {
      inPhase('streaming')
      takeTracked(draft, outcome)
      break
    }
    case 'saved': {
      inPhase('streaming')
      takeSaved(draft, outcome)
      break
    }
    case 'applied': {
      takeApplied(draft, inPhase('applying'), outcome)
      break
    }
    case 'blocked': {
      takeBlocked(draft, inPhase('applying'))
      break
    }
    case 'mismatched': {
      takeMismatched(draft, inPhase('applying'), outcome)
      break
    }
    case 'request_allocated': {
      if (!canCome(draft.phase, 'checkpoint_requested')) {
        throw new MisplacedEvent(draft.phase.at, outcome.kind)
      }
      draft.tell({ do: 'post_checkpoint_request', id: outcome.id })
      break
    }
    default: {
      outcome satisfies never
    }
  }
}

const outcomes: { readonly [Kind in StorageOutcome['kind']]: true } = {
  positions: true,
  tracked: true,
  saved: true,
  applied: true,
  blocked: true,
  mismatched: true,
  request_allocated: true,
}

function isOutcome(event: SyncEvent): event is StorageOutcome {
  return Object.hasOwn(outcomes, event.kind)
}
