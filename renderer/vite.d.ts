/** What Vite imports that TypeScript does not know: style sheets and pictures. */
declare module '*.css'
declare module '*.svg' {
  const url: string
  export default url
}
