import { isDromedaryError } from '@dromedary/core'
import { expect } from 'vitest'
import type { ContractCase } from '../contract.ts'
import type { ComponentClaim, ComponentFixture } from './fixture.ts'
import { Stage } from './stage.ts'

/** What holds before anything starts. */
export const endpointCases: readonly ContractCase<ComponentFixture, ComponentClaim>[] = [
  {
    name: 'says what it is: scheme, syntax, and a sentence for each option',
    async run({ component }) {
      const { meta } = component
      expect(meta.scheme).toBe(component.scheme)
      expect(meta.syntax.startsWith(`${component.scheme}:`)).toBe(true)
      expect(meta.title).toMatch(/\w/)
      for (const option of meta.options) expect(option.description, option.name).toMatch(/\w.*\.$|\w/)
    },
  },
  {
    name: 'an unknown option is refused by name',
    needs: ['strict-options'],
    async run(fixture) {
      const stage = new Stage(fixture)
      const uri = `${fixture.uri}${fixture.uri.includes('?') ? '&' : '?'}noSuchOption=1`
      let thrown: unknown
      try {
        stage.route.endpoint(fixture.component, uri)
      } catch (error) {
        thrown = error
      }
      expect(isDromedaryError(thrown, 'DROMEDARY_UNKNOWN_OPTION'), String(thrown)).toBe(true)
      expect((thrown as Error).message).toContain('noSuchOption')
    },
  },
  {
    name: 'making an endpoint and a consumer opens nothing',
    async run(fixture) {
      const stage = new Stage(fixture)
      const endpoint = stage.route.endpoint(fixture.component, fixture.uri)
      expect(endpoint.uri.startsWith(`${fixture.component.scheme}://`)).toBe(true)
      expect(endpoint.consumer !== undefined).toBe(fixture.component.meta.consumes)
      expect(endpoint.producer !== undefined).toBe(fixture.component.meta.produces)
      endpoint.consumer?.(stage.route.entry)
      endpoint.producer?.()
      await fixture.advance(0)
      expect(fixture.held()).toBe(0)
      expect(stage.route.shared.held).toEqual([])
    },
  },
]
