/** The same trace with its lines in BSON, typed as the service types them: whole numbers over 2^31 are doubles. */
import { serialize } from 'bson'

export function asBson(traceText: string): string {
  return traceText
    .split('\n')
    .map((line) => {
      const step = line === '' ? null : (JSON.parse(line) as { readonly do: string; readonly text?: string })
      if (step?.do !== 'line' || step.text === undefined) return line
      const document = parseObject(step.text)
      if (document === null) return line
      const bytes = serialize(document)
      return JSON.stringify({ do: 'line', bson: Buffer.from(bytes).toString('base64') })
    })
    .join('\n')
}

/** Null for a line that BSON cannot carry: it stays text. */
function parseObject(text: string): object | null {
  try {
    const value = JSON.parse(text) as unknown
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
