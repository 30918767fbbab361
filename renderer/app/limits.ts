/**
 * The most characters of each text, as the company's back end takes them. It decides; here they save somebody the
 * way there and back.
 */
export const limits = { title: 200, description: 20_000, comment: 10_000 } as const
