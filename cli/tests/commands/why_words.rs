//! Policies with every kind of expression, for what must have words for all of them.

/// A line for each kind of expression, more or less.
pub(crate) const POLICIES: &str = r#"@id("scopes.1")
@owner("core")
@ticket("OPS-7")
permit (principal == User::"ann", action in [Action::"a", Action::"b", Action::"c"], resource in Folder::"f");

@id("scopes.2")
forbid (principal is User in Team::"t", action in Action::"all", resource is File);

@id("scopes.3")
permit (principal == ?principal, action, resource in ?resource);

@id("tests")
permit (principal, action == Action::"a", resource)
when { principal == resource.owner && principal != User::"x" && !(principal == resource.deputy) }
when { context.n < 1 || context.n <= 2 || context.n > 3 || !(context.n >= 4) }
when { principal in resource.readers && !(principal in Team::"t") && principal is User && !(principal is User in Team::"t") }
when { context has a && context has a.b.c && !(context has d) && context.s like "a*b" && !(context.s like "*") }
when { ["x", "y"].contains(context.s) && context.t.containsAll([1, 2]) && context.t.containsAny([]) && !context.t.isEmpty() }
when { resource.hasTag("k") && resource.getTag("k") == "v" && !resource.hasTag("l") }
unless { if context.flag then context.other else !context.flag }
unless { context.flag == true && (context.a && context.b || context.c) && !(context.a || context.b) };

@id("values")
forbid (principal, action, resource)
when { context.n + 1 - 2 == context.m * 3 * -context.k && -(context.n) < 0 }
when { context.ip.isInRange(ip("10.0.0.0/8")) && !context.ip.isLoopback() && ip("::1").isIpv6() && context.ip.isIpv4() && context.ip.isMulticast() }
when { context.d.lessThan(decimal("1.5")) || context.d.greaterThanOrEqual(decimal("2.0")) || context.d.lessThanOrEqual(context.d) || context.d.greaterThan(context.d) }
when { context.now.offset(duration("1h")) > datetime("2025-01-01") && context.now.durationSince(context.since).toHours() >= 3 }
when { context.now.toDate() == context.now && context.now.toTime().toMinutes() < 60 && duration("1d").toDays() == 1 && duration("1d").toSeconds() == duration("1d").toMilliseconds() }
when { (if context.flag then 1 else 2) == 1 && {a: 1, "b c": [true, User::"ann"]} == context.r && (context.a == context.b) == context.c && true && !false };
"#;
