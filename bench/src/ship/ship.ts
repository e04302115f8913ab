import type { Tarballs } from '../../../scripts/built-form.ts'
import { median, ratios, spread } from '../arithmetic.ts'
import type { Measurement } from '../measurement.ts'
import { table } from '../table.ts'
import { type Form, type Forms, forms } from './forms.ts'
import { startTimes } from './starts.ts'
import { type Signal, takeovers } from './takeovers.ts'

const ms = (value: number) => value.toFixed(value < 100 ? 1 : 0)

/** What is shipped: how large it is, how fast it starts, and how soon one takes over from another, in every form. */
export async function ship(tarballs: Tarballs, quick: boolean): Promise<Measurement> {
  using all = await forms(tarballs)
  const { fileApp, app, native, node } = all.sizes
  const starts = await startsOf(all, quick ? 2 : 15)
  const changes = await changesOf(all, quick ? 2 : 40)
  const sizes = [
    `application folder beyond Node: ${fileApp.toFixed(1)} MB with the file service, ${app.toFixed(1)} MB with Kubernetes as well`,
    `native executable ${native.toFixed(1)} MB (Node alone ${node.toFixed(1)} MB)`,
  ]
  return {
    name: 'ship',
    line: [sizes.join('; '), ...starts.lines, ...changes.lines].join('\n'),
    figures: { fileAppMb: fileApp, appMb: app, nativeMb: native, ...starts.figures, ...changes.figures },
  }
}

async function startsOf({ source, built, native, rootless }: Forms, rounds: number) {
  const contenders = [source, built, native, ...(rootless ? [rootless] : [])]
  const times = await startTimes(contenders, rounds)
  const of = (form: Form) => times.get(form) ?? []
  const rows = contenders.map(form => {
    const { median, min, max } = spread(of(form))
    const ratio = spread(ratios(of(form), of(built)))
    const compared = `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`
    return [form.name, ms(median), ms(min), ms(max), compared]
  })
  // On a root without Node where that can be had: it is what the bound is about.
  const ratio = median(ratios(of(rootless ?? native), of(built)))
  return {
    lines: table([['start to leadership, ms', 'median', 'min', 'max', 'of built'], ...rows]),
    figures: { builtMs: median(of(built)), nativeMs: median(of(native)), nativeOfBuilt: ratio },
  }
}

async function changesOf({ source, built, native }: Forms, rounds: number) {
  const pairs = [
    [source, source],
    [built, built],
    [native, native],
    [built, native],
  ] as const
  const rows: string[][] = []
  const figures: Record<string, number> = {}
  for (const signal of ['SIGKILL', 'SIGINT'] satisfies Signal[]) {
    for (const pair of pairs) {
      const times = (await takeovers(pair, signal, rounds)).sort((a, b) => a - b)
      const p95 = times[Math.ceil(times.length * 0.95) - 1] ?? Number.NaN
      const name = pair[0] === pair[1] ? `two ${pair[0].name}` : `${pair[0].name} and ${pair[1].name}`
      rows.push([`${signal}, ${name}`, ms(median(times)), ms(p95), ms(times.at(-1) ?? Number.NaN)])
      figures[`${signal} ${name} max`] = times.at(-1) ?? Number.NaN
    }
  }
  return { lines: table([[`takeover (${rounds} each), ms`, 'p50', 'p95', 'max'], ...rows]), figures }
}
