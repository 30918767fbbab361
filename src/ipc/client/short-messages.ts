/**
 * The headless host closes the socket of a page that sends more than a mebibyte at once, and every call and watch of
 * the page is lost with it. Here such a call fails alone, with a code, and is never sent.
 */
import { TRPCClientError, type TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { codec } from '../codec.ts'
import type { AppRouter } from '../router.ts'

/** In bytes of the input as JSON; what a request says besides fits the rest of the mebibyte. */
const MAX_INPUT_BYTES = 1024 * 1024 - 4096

/** `link`, but for calls that are too long: they fail with `message_too_large`. */
export function onlyShortMessages(link: TRPCLink<AppRouter>): TRPCLink<AppRouter> {
  return (runtime) => {
    const ask = link(runtime)
    return (operation) =>
      sizeOf(operation.op.input) <= MAX_INPUT_BYTES
        ? ask(operation)
        : observable((observer) => observer.error(tooLarge()))
  }
}

function sizeOf(input: unknown): number {
  const text = JSON.stringify(codec.input.serialize(input)) ?? ''
  return new TextEncoder().encode(text).length
}

function tooLarge(): TRPCClientError<AppRouter> {
  const message = `A call over the WebSocket holds ${MAX_INPUT_BYTES} bytes at most. Send it in parts.`
  const error = { code: 'message_too_large', message }
  return TRPCClientError.from({
    error: { code: -32600, message, data: { code: 'PAYLOAD_TOO_LARGE', error } },
  })
}
