//! Templates that were found to end the process, and ordinary ones.

use super::*;
use minijinja::{UndefinedBehavior, escape_formatter};
use serde_json::json;

fn rendered(text: &str, data: &serde_json::Value) -> Result<String, String> {
    let text = bounded(text).map_err(|fault| fault.message)?;
    let mut environment = environment(200_000, 256 * 1024, escape_formatter);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    let template = environment.template_from_str(&text).map_err(|error| format!("{error:#}"))?;
    let limits = Limits { max_bytes: 256 * 1024, is_time_up: || false };
    render(&template, data, limits).map(|rendered| rendered.text).map_err(|error| format!("{error:#}"))
}

#[test]
fn ordinary_templates_mean_the_same() {
    let data = json!({
        "a": "x", "b": "y", "n": 3, "price": 2.5, "list": ["p", "q", "r"], "map": {"k": {"l": 1}}, "text": "one\ntwo", "if_": true,
    });
    for (template, expected) in [
        ("{{ a ~ b ~ n }}", "xy3"),
        ("{{ a ~ ' ' ~ b|upper ~ '*+~[1]' }}", "x Y*+~[1]"),
        ("{{ n * price + 1 }} {{ n*n*n }} {{ 2 * -n }} {{ n * list|length }}", "8.5 27 -6 9"),
        ("{{ 1 + 2 * 3 ** 2 - 4 / 2 }} {{ 1e+3 + 1 }} {{ (1 + 2) * 3 }}", "17.0 1001.0 9"),
        ("{{ 'many' if n * 2 > 5 and a ~ b == 'xy' else 'few' }}", "many"),
        ("{{ list[1] ~ list[0:2]|join('-') }} {{ map.k['l'] }} {{ text[:3] }} {{ a[0] }}", "qp-q 1 one x"),
        (
            "{{ [1, [2, n]]|tojson }} {{ {'a': [1]}|tojson }} {{ ([1, 2] + [3])|join(',') }}",
            "[1, [2, 3]] {\"a\": [1]} 1,2,3",
        ),
        (
            "{% for k, v in map|items %}{{ k }}{{ v.l }}{% endfor %}{% for (i, v) in [(1, 2)] %}{{ i + v }}{% endfor %}",
            "k13",
        ),
        ("{% for i in range(1, n * 2, 2) if i != 3 %}{{ loop.index }}:{{ i }} {% else %}none{% endfor %}", "1:1 2:5 "),
        ("{% set x = a ~ b %}{% set y = [x, x] %}{{ y|length }}{% with z = x ~ '!' %}{{ z }}{% endwith %}", "2xy!"),
        ("{%- if n is divisibleby 3 and a in ['x'] and not b in ('z', 'w') -%} yes {%- endif -%} !", "yes!"),
        (
            "{# {{ x }} #}{{ '%.2f'|format(price) }} {{ text|indent(2) }} {{ text|replace('\n', '/') }}",
            "2.50 one\n  two one/two",
        ),
        ("{{ \"}}\" }}{{ '\\'' ~ \"{%\" }} { % } {{ {}|length }}", "}}'{% { % } 0"),
        ("{{ list|map('upper')|join }} {{ list|batch(2)|length }} {{ list|sort|reverse|first }}", "PQR 2 r"),
        (
            "{{ dict(a=1, b=[2])|tojson }} {{ map|tojson(indent=1) }}",
            "{\"a\": 1, \"b\": [2]} {\n \"k\": {\n  \"l\": 1\n }\n}",
        ),
        ("{{ nothing }}{{ nothing.a.b|default('d') }} {{ -n }}{{ n|abs * 2 }}{{ 7 // 2 * 2 }}", "d -366"),
        ("{% block main %}{{ a }}{% endblock %}{% if a %}{% elif b %}{% endif %}{{ range(5, 0, -2)|join }}", "x531"),
        (
            "{{ a ~ 'p' 'q' }} {{ a is in [a, b] and 'l' in list }} {{ [list, ['']]|sum(start=[])|join }}",
            "xpq False pqr",
        ),
        ("{{ list|join(', ') ~ '.' if list else '' }} {{ if_ }}", "p, q, r. True"),
    ] {
        assert_eq!(rendered(template, &data).as_deref(), Ok(expected), "{template}");
    }
}

fn numbered(count: usize, part: fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().concat()
}

#[test]
fn no_template_makes_large_or_deep_values() {
    let n = 16_000;
    let big = "y".repeat(400_000);
    let data = json!({"a": "a\nb", "x": big, "list": ["a"], "n": 9_007_199_254_740_991_u64});
    let long = |part: &str, end: &str| format!("{{{{ {}{end} }}}}", part.repeat(n));
    let mut templates: Vec<String> = [
        long("1+", "1"),
        long("a.", "a"),
        long("not ", "1"),
        long("-", "1"),
        long("1~", "1"),
        long("1 < ", "1"),
        long("1**", "1"),
        long("a and ", "1"),
        long("1 if 1 else ", "1"),
        long("(", "1"),
        long("[", "1"),
        format!("{{{{ x{} }}}}", "|e".repeat(n)),
        format!("{{{{ x{} }}}}", "[0]".repeat(n)),
        format!("{{{{ x{} }}}}", "()".repeat(n)),
        format!("{{{{ x{} }}}}", " is odd".repeat(n)),
        format!("{{{{ {}1{} }}}}", "(".repeat(n), ")".repeat(n)),
        format!("{}{}", "{% if 1 %}".repeat(3000), "{% endif %}".repeat(3000)),
        format!("{{% if a %}}{}{{% endif %}}", "{% elif b %}".repeat(5000)),
        format!("{{% set x = 'xxxxxxxx' %}}{}{{{{ x|length }}}}", "{% set x = x ~ x %}".repeat(40)),
        format!("{{% set x = 'xxxxxxxx' %}}{}{{{{ x|length }}}}", "{% set x = x + x %}".repeat(40)),
        format!("{{% set x = [1] %}}{}{{{{ x|length }}}}", "{% set x = x + x %}".repeat(40)),
        format!("{{% set x = [1] %}}{}{{{{ x }}}}", "{% set x = [x, x] %}".repeat(40)),
        format!("{{% set x = [1] %}}{}{{{{ x == x }}}}", "{% set x = (x, x) %}".repeat(40)),
        format!("{{% set x = [1] %}}{}{{{{ x == x }}}}", "{% set x = {1: x, 2: x} %}".repeat(40)),
        format!("{{% set x = [1] %}}{}{{{{ x == x }}}}", "{% set x = dict(a=x, b=x) %}".repeat(40)),
        format!("{{% set x = [1] %}}{}{{{{ x == x }}}}", "{% set x = x|zip(x)|list %}".repeat(200)),
        format!("{{% set x = [1] %}}{}{{{{ x }}}}", "{% set x = [x] %}".repeat(3000)),
        format!("{{% set x = [1] %}}{}{{{{ x }}}}", "{% set x = x|batch(1) %}".repeat(2000)),
        format!("{}{{{{ x0|length }}}}", numbered(300, |i| format!("{{% set x{i} = x[1:] %}}"))),
        format!("{}1", numbered(300, |i| format!("{{% set x{i} = x|split('z') %}}"))),
        format!("{}{}", numbered(140, |i| format!("{{% block b{i} %}}")), "{% endblock %}".repeat(140)),
        format!("{{{{ [{}]|map('upper')|join }}}}", "x,".repeat(100)),
        format!("{{{{ [{}]|join }}}}", "x,".repeat(100)),
        format!("{{{{ [{}]|tojson }}}}", "x,".repeat(100)),
    ]
    .into();
    templates.extend([
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% macro a(x) %}{{ a([x]) }}{% endmacro %}{{ a(1) }}",
        "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set ns=namespace() %}{% set ns.x=[] %}{% for i in range(50000) %}{% set ns.x=[ns.x] %}{% endfor %}{{ ns.x|length }}",
        "{% set ns=namespace() %}{% set ns.x=[] %}{% for i in range(20000) %}{% set ns.x=[ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns=namespace(x='xxxxxxxxxxxxxxxx') %}{% for i in range(24) %}{% set ns.x=ns.x~ns.x %}{% endfor %}{{ ns.x|length }}",
        "{% set x %}{% for i in range(9999) %}raw text{% endfor %}{% endset %}{{ x|length }}",
        "{% filter upper %}x{% endfilter %}", "{% call a() %}x{% endcall %}", "{% raw %}x{% endraw %}", "{% do a() %}",
        "{% block b %}{{ self.b() }}{% endblock %}", "{% set x = super() %}",
        "{{ (\"x\"*100000000)|length }}", "{{ n*\"x\" }}", "{{ list*n }}", "{{ 3*2*\"x\" }}", "{{ a.b.c|default('x')*3 }}",
        "{{ \"a\\nb\"|indent(200000000)|length }}", "{{ a|indent(n) }}", "{{ a|indent(width=n) }}",
        "{{ a|indent(9223372036854775807) }}", "{{ [a]|map('indent', n)|list }}",
        "{{ [1]|batch(3000000,0)|length }}", "{{ [1]|batch(10000000000000,0)|list|length }}", "{{ [1]|slice(3000000)|list|length }}",
        "{{ 10**10000 }}", "{{ 1//0 }}", "{{ 1%0 }}", "{{ 'abc'[1:2:0] }}",
        "{{ \"%1000000000d\"|format(1) }}", "{{ '%.999999999f'|format(1.5) }}", "{{ '%*d'|format(999999999, 1) }}",
        "{{ range(9223372036854775807)|list }}", "{{ range(0,10,0) }}", "{{ range(9223372036854775807, -9223372036854775807, -1)|list }}",
        "{{ 1.5|round(400000000) }}", "{{ 1.5|round(precision=400000000) }}", "{{ x|replace('', x) }}", "{{ x|replace('y', 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz') }}",
        "{{ range(99999)|join(x) }}", "{{ x|list|list|length }}", "{{ x|split('')|list|length }}", "{{ list|tojson(indent=999999999) }}",
        "{{ x|e|e|e|upper|e|e|urlencode|urlencode|urlencode|urlencode|urlencode|urlencode|urlencode|urlencode }}",
        "{{ range(99999)|map(attribute='a', default=x)|sum(start='')|length }}", "{{ range(99999)|map(attribute='a', default=x)|sort|length }}",
        "{{ range(99999)|map(attribute='a', default=x)|unique|length }}", "{{ range(99999)|map(attribute='a', default=x)|join|length }}",
        "{% include 'a' %}", "{% extends 'a' %}", "{{ debug() }}", "{{ x|pprint }}",
    ].map(str::to_owned));
    let start = |text: &String| text.chars().take(80).collect::<String>();
    let accepted: Vec<String> = templates.iter().filter(|text| rendered(text, &data).is_ok()).map(start).collect();
    assert_eq!(accepted, [""; 0]);
    let deep = (0..200).fold(json!(1), |value, _| json!([value]));
    assert!(rendered("x", &json!({"deep": deep})).unwrap_err().contains("nested too deeply"));
}

#[test]
fn a_fault_names_its_line() {
    let fault = bounded(&format!("a\n{{# \n #}}{{{{ {}1 }}}}", "1+".repeat(300))).unwrap_err();
    assert_eq!(fault.line, 3, "{fault:?}");
    for open in ["{{ a", "{% if a", "{# a", "{{ 'a }}", "{{ ) }}", "{{", "{%", "{{ é }}", "{{-", "{{ a }"] {
        let _ = bounded(open);
    }
}
