/** What apps import by name is there, and nothing of the inside leaks out beside it. */
import { describe, expect, test } from 'vitest'

describe('the package exports', () => {
  test('headwater: the daemon, the transport and questions to a status', async () => {
    expect(Object.keys(await import('headwater')).sort()).toEqual([
      'DaemonError',
      'FULL_SYNC',
      'TransportError',
      'findStream',
      'fractionOf',
      'httpTransport',
      'lastSync',
      'openDaemon',
      'untilPriority',
    ])
  })

  test('headwater/client and headwater/react: the browser’s side', async () => {
    expect(Object.keys(await import('headwater/client'))).toContain('createClient')
    expect(Object.keys(await import('headwater/react'))).toEqual(
      expect.arrayContaining(['useStatus', 'useSyncStream']),
    )
  })
})
