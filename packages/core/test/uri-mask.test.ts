import { describe, expect, it } from 'vitest'
import { isSensitive, maskSecrets, maskUri } from '../src/uri/mask.ts'

describe('maskUri', () => {
  it.each([
    ['kafka:t?saslJaasConfig=a&brokers=b', 'kafka:t?saslJaasConfig=xxxxxx&brokers=b'],
    ['x:y?password=RAW(a&b)c)&z=1', 'x:y?password=xxxxxx&z=1'],
    ['x:y?password=RAW{a&b}', 'x:y?password=xxxxxx'],
    ['x:y?mySslKeyPassword=1', 'x:y?mySslKeyPassword=xxxxxx'],
    ['x:y?additionalProperties.ssl.key.password=1', 'x:y?additionalProperties.ssl.key.password=xxxxxx'],
    ['x:y?api-key=1&api_key=2', 'x:y?api-key=xxxxxx&api_key=xxxxxx'],
    ['x:y?p%61ssword=1', 'x:y?p%61ssword=xxxxxx'],
    ['x:y?period=5s', 'x:y?period=5s'],
    ['x:y?password=', 'x:y?password='],
    ['ftp://me:pw@host/dir?a=1', 'ftp://me:xxxxxx@host/dir?a=1'],
    ['ftp:me:p:w@host', 'ftp:me:xxxxxx@host'],
    ['ftp://me:p@w@host', 'ftp://me:xxxxxx@host'],
    ['ftp://me:p/w@host', 'ftp://me:xxxxxx@host'],
    ['ftp://me:p?w@host?a=1', 'ftp://me:xxxxxx@host?a=1'],
    ['ftp://me@host', 'ftp://me@host'],
    ['http://host:8080/a@b?c=d@e', 'http://host:8080/a@b?c=d@e'],
    ['http://host:8080?c=d@e', 'http://host:8080?c=d@e'],
    ['master:ns:ftp://me:pw@host?password=1', 'master:ns:ftp://me:xxxxxx@host?password=xxxxxx'],
    ['x:y?proxy=http://me:pw@host', 'x:y?proxy=http://me:xxxxxx@host'],
    ['x:y?proxy=http%3A%2F%2Fme%3Apw%40host', 'x:y?proxy=http%3A%2F%2Fme%3Axxxxxx%40host'],
    ['x:y?password=RAW(never closed&a=b', 'x:y?password=xxxxxx'],
  ])('%s', (text, masked) => {
    expect(maskUri(text)).toBe(masked)
  })

  it('hides own words as well', () => {
    expect(maskUri('x:y?patient-id=7&a=1', ['patientId'])).toBe('x:y?patient-id=xxxxxx&a=1')
    expect(maskUri('x:y?patient-id=7&a=1')).toBe('x:y?patient-id=7&a=1')
  })

  it('knows the words of the field', () => {
    const words = [
      'accessKey',
      'accessToken',
      'accountKey',
      'apiKey',
      'api_secret',
      'authorization',
      'bearerToken',
      'clientId',
      'clientSecret',
      'connectionString',
      'consumerKey',
      'emailAddress',
      'keystorePassword',
      'passphrase',
      'password',
      'privateKeyFile',
      'proxyUser',
      'realm',
      'sasSignature',
      'sharedAccessKey',
      'token',
      'user',
      'username',
      'knownHostsUri',
    ]
    expect(words.filter(word => !isSensitive(word))).toEqual([])
    expect(['period', 'brokers', 'topic', 'groupId', 'keySerializer'].filter(word => isSensitive(word))).toEqual([])
  })
})

describe('maskSecrets', () => {
  it.each([
    ['cannot reach amqp://me:pw@host:5672/v, retrying', 'cannot reach amqp://me:xxxxxx@host:5672/v, retrying'],
    ['at 12:30:45 mail from a@b', 'at 12:30:45 mail from a@b'],
    ['login with password="a b", user=me', 'login with password=xxxxxx, user=xxxxxx'],
    ['from x:y?token=RAW(a&b)c)&z=1 failed', 'from x:y?token=xxxxxx&z=1 failed'],
    [
      'key -----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY----- end',
      'key -----BEGIN RSA PRIVATE KEY-----xxxxxx-----END RSA PRIVATE KEY----- end',
    ],
    ['cut -----BEGIN PRIVATE KEY-----\nMIIE', 'cut -----BEGIN PRIVATE KEY-----xxxxxx'],
    [
      '-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----',
      '-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----',
    ],
  ])('%s', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked)
  })

  it('hides own words as well', () => {
    expect(maskSecrets('patientId=7 a=1', ['patientid'])).toBe('patientId=xxxxxx a=1')
  })
})
