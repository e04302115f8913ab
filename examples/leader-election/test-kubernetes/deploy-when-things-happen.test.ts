import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { kubectlBinary } from '@dromedary/test-servers/kubernetes'
import { beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { complaint } from '../test/deploying.ts'
import { IMAGE, ready, stage } from './support/deploy-stage.ts'

/** The first time kubectl is built. */
beforeAll(async () => void (await kubectlBinary()), 600_000)

const SLOW = { within: 80_000 }

/** A way to the server of this kubeconfig that can be taken away. */
async function way(test: TestContext, kubeconfig: string) {
  const [server = '', port] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(kubeconfig) ?? []
  const sockets = new Set<Socket>()
  const proxy = createServer(near => {
    const far = connect(Number(port), '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {}).on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  const close = () => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  }
  test.onTestFinished(close)
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const { port: own } = proxy.address() as { port: number }
  return { kubeconfig: kubeconfig.replaceAll(server, `https://127.0.0.1:${own}`), close }
}

describe.concurrent('deploy:kubernetes, when the API server goes away', { timeout: 120_000 }, () => {
  it('before anything is stored, says so', async test => {
    const { cluster, namespace, deployWith, stored } = await stage(test)
    const { kubeconfig, close } = await way(test, cluster.kubeconfig({ namespace }))
    const command = await deployWith(kubeconfig)
    await command.waitForLine('to the namespace', SLOW)
    close()
    expect(await complaint(command)).toMatch(/^DEPLOY_UNREACHABLE: .*"test" does not answer: .*; nothing is stored$/)
    expect(await stored()).toEqual([])
  })

  it('while the pods start, says what is known and how to learn the rest', async test => {
    const { cluster, namespace, deployWith, stored } = await stage(test)
    const { kubeconfig, close } = await way(test, cluster.kubeconfig({ namespace }))
    const command = await deployWith(kubeconfig, '--timeout', '5')
    await command.waitForLine('Waiting for deployment', SLOW)
    close()
    expect(await complaint(command)).toMatch(
      /^DEPLOY_UNREACHABLE: .*; everything is stored, .* kubectl .* rollout status deployment\/leader-election$/,
    )
    expect(await stored()).toHaveLength(5)
  })
})

it('deploys again after a rollout undo, which is nobody else’s change', { timeout: 120_000 }, async test => {
  const { deploy, controller, get, kubectl, replicaSet } = await stage(test)
  const deployed = async (image: string, ...args: string[]) => {
    const command = await deploy('--image', image, ...args)
    await command.waitForLine('Waiting for deployment', SLOW)
    await controller(ready(2))
    expect(await command.exited).toMatchObject({ code: 0 })
  }
  const image = async () => (await get('Deployment'))['spec']
  const runs = (name: string) => ({ template: { spec: { containers: [{ image: name }] } } })
  await deployed(`${IMAGE}.1`)
  await replicaSet(1)
  await deployed(`${IMAGE}.2`)
  await replicaSet(2)
  await kubectl('rollout', 'undo', 'deployment/leader-election')
  expect(await image()).toMatchObject(runs(`${IMAGE}.1`))
  await deployed(`${IMAGE}.3`)
  expect(await image()).toMatchObject(runs(`${IMAGE}.3`))
})
