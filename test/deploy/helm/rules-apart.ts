import { parse } from 'yaml'

/** Objects as Helm writes them, without the rules of Prometheus, which stand in deploy/prometheus and change there. */
export interface RulesApart {
  text: string
  /** Rules of the objects, in their order. */
  rules: unknown[]
}

/** Takes the rules out of the objects, so that whoever changes an alert need not have Helm write them anew. */
export function rulesApart(objects: string): RulesApart {
  const rules: unknown[] = []
  const text = objects.split(/^(?=---\n)/m).map((object) => {
    if (!/^kind: PrometheusRule$/m.test(object)) return object
    const [head = '', spec = ''] = object.split(/^spec:\n/m)
    rules.push(parse(spec))
    return `${head}spec: { groups: [] } # the rules of deploy/prometheus\n`
  })
  return { text: text.join(''), rules }
}
