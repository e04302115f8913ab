import { bean } from '@dromedary/core/component'
import { z } from 'zod'

/** An option that is a value of the program: given in the object form of the component, or as a bean by its name. */
export function valueOrBean<T>(what: string, is: (value: unknown) => value is T) {
  return z
    .union([z.custom<T>(value => is(value)), bean<T>()], { error: `must be ${what}, or name a bean: #bean:name` })
    .meta({ dromedary: { type: what, form: 'bean' } })
}
