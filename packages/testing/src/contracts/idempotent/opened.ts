import type { IdempotentRepository } from '@dromedary/core'
import { fakeRoute } from '../../route-entry.ts'

/** A repository at work, each call with an exchange of its own. */
export async function opened(repository: IdempotentRepository) {
  const { entry } = fakeRoute()
  await repository.start?.()
  return {
    add: async (key: string): Promise<boolean> => repository.add(key, entry.createExchange()),
    contains: async (key: string): Promise<boolean> => repository.contains(key, entry.createExchange()),
    remove: async (key: string): Promise<void> => repository.remove(key, entry.createExchange()),
    confirm: async (key: string): Promise<void> => repository.confirm(key, entry.createExchange()),
    close: async (): Promise<void> => repository.stop?.(),
  }
}
