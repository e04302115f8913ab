import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawnMember } from '@dromedary/testing/harness'
import { expect, it } from 'vitest'
import { createLineOutput } from '../src/logging/output.ts'

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** A descriptor that answers as told: a number of bytes to take, or an error code. Takes everything once told no more. */
function descriptor(...answers: (number | string)[]) {
  const state = { text: '', pauses: 0 }
  const output = createLineOutput(
    1,
    (_, data) => {
      const answer = answers.shift()
      if (typeof answer === 'string') throw failure(answer)
      const taken = Math.min(answer ?? data.length, data.length)
      state.text += Buffer.from(data.subarray(0, taken)).toString()
      return taken
    },
    () => state.pauses++,
  )
  return { output, state }
}

it('writes to the descriptor before it returns', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-output-'))
  const fd = openSync(join(folder, 'log'), 'w')
  try {
    createLineOutput(fd).write('ä line\n')
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('ä line\n')
  } finally {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  }
})

it('waits for a full pipe and goes on where it stopped', () => {
  const { output, state } = descriptor(3, 'EAGAIN', 'EAGAIN', 2)
  output.write('one line\n')
  expect(state).toEqual({ text: 'one line\n', pauses: 2 })
})

it('gives up a line after a second, waits for no further one, and says so when the reader is back', () => {
  const { output, state } = descriptor(2, ...Array.from({ length: 203 }, () => 'EAGAIN'))
  output.write('one\n')
  expect(state.pauses).toBe(200)
  output.write('two\n')
  output.write('three\n')
  expect(state.pauses).toBe(200)
  output.write('four\n')
  expect(state.text).toBe('on\n(3 log lines could not be written)\nfour\n')
  output.write('five\n')
  expect(state.text).toMatch(/four\nfive\n$/)
})

it('survives a reader that is gone and a disk that is full', () => {
  const { output, state } = descriptor('EPIPE', 'ENOSPC')
  output.write('one\n')
  output.write('two\n')
  expect(state).toEqual({ text: '', pauses: 0 })
})

it('a process that is killed has written every line before', async () => {
  const writer = await spawnMember({ script: fileURLToPath(new URL('fixtures/killed-writer.ts', import.meta.url)) })
  expect(await writer.exited).toMatchObject({ signal: 'SIGKILL' })
  expect(writer.lines.all.length).toBe(20_000)
  expect(writer.lines.all.at(-1)?.text).toBe('line 20000')
})
