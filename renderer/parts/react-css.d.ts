/** Custom properties in React's `style`. */
import 'react'

declare module 'react' {
  interface CSSProperties {
    readonly [property: `--${string}`]: string | number
  }
}
