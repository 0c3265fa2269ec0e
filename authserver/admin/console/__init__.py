"""The console: what administrators see and do in a browser, by the operations of the API.

Owns the frame (page, navigation, lists, details, forms, secrets shown once), who looks at it, and
the screens. A screen performs operations through the desk, as the API does: permission, tenant,
transaction and trail are the operation's, and every page can show the request that a program would
send. Must not know a service or a table. URLs: /console, and below it the paths of the API.

How a screen is added
---------------------
1. Write a class in `screens/<part>/` (at most 12 modules a package) that takes the `Console` and
   whose `screens()` returns rows: `Screen(path, name, view, does)`. The path is the API's
   (`/tenants/<tenant_id>/users`), `does` is the name of an operation's handler. The frame sees to
   it that nobody comes to the screen who may not ask for that operation; that another's tenant is
   open before anything is done in it; and, where the operation is `sensitive`, that the person
   signed in within the last minutes. A screen of an operation that reads takes no form.
   `menu=Menu(group, _l("Title"), icon)` puts it into the navigation, `tab=Tab(about, _l("Title"))`
   beside the screens with the same `about`, `below="name"` lights another one's entry.
2. Put the class into `screens()` of wiring/pages/console.py. Order there is order on the page.
3. A view takes the ids of its path and returns one of
   - `console.show_list(Listing(...), path)`: search (`q`), filters, paging, CSV; empty state;
   - `console.show_detail(Detail(...))`: facts, tables, badges, links to what can be done;
   - `console.fill(Form(...), done)`: shows the form, sends it, shows what is wrong with it, and
     calls `done(reply)` when it is done. The fields are named as the operation's body names them.
     A PATCH sends only what differs, under the `version` that was read. A create happens once
     however often its form is sent; the second answer has no content. `danger` and `retype` are
     for what destroys.
   - `console.show_secret(Secret(...))` in `done`, for what is shown this once;
   - `console.go(url, said)` in `done`: on to another screen, which says what was done;
   - `console.page(template, title=..., ...)` for what needs a template of its own: it extends
     `console/_layout.html` and uses the macros of `console/_parts.html`.
   `console.read(name, Shape, path)` reads one thing, `console.ask(name, path, given=...)` anything;
   refusals (`Problem`) need no care: they become pages, or what a form says.
4. Say everything through gettext. What is shown are values (`parts.values`): text, `Code` for ids
   and URLs, `Link`, `Badge`, times; never HTML.
5. Test by `tests.admin.console` (`enter`, `Console.send`), and add the stop to
   tests/browser/walk_console.py and tests/browser/tours.py.

`screens/tenants/tenants.py` is the exemplar: a list, a detail, a create, two acts.
"""
