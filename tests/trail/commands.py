"""A session of an operator at the command line, in which every command that changes something is.

A line is a command. What it answers under a name is kept for later lines: `=> here=name`. What it
reads stands after `<`. A line that begins with `@` prepares the next one: test_every_command.py.
"""

from authserver.audit.events import EventType

SESSION = """
tenants create globex --name Globex --type customer
tenants set globex --locale de --client-registration pkce-optional
tenants flag globex billing on
tenants limit globex seats 50
tenants logo globex {folder}/logo.png
tenants suspend globex
tenants resume globex
tenants archive globex
tenants restore globex
tenants resume globex
tenants issuer globex --path
tenants issuer globex --platform
tenants create partner --name Partner --type partner --own-issuer
keys rotate --tenant partner --alg ES256
keys rotate --alg ES256
roles create crew --tenant globex --description Crew --permission users:read
roles set crew --tenant globex --description Another
users create {ada} --name {name} --verified --role admin
users create {bob} --name {name}
users set {ada} --nickname {name}
users set-password {ada} < {password}
users set-roles {bob} --role customer_viewer
roles give crew {ada}
roles take crew {ada}
roles delete crew --tenant globex
users disable {bob}
users enable {bob}
users require-password-change {ada}
users reset-factors {ada} --reason lost
users end-sessions {ada}
users unlock {ada}
users verify-email {bob}
users send-reset {bob}
@mails_failed
mail retry --failed
tenants end-sessions globex
users import {folder}/people.csv --tenant globex --format csv
users import {folder}/more.csv --tenant globex --format csv --background => job=id
users cancel-import --tenant globex {job}
invitations create --tenant globex --email {mail}-5@example.com => invitation=id
@an_invitation_waited
invitations resend --tenant globex {invitation}
invitations revoke --tenant globex {invitation}
clients create --tenant globex --name Shop --kind service --scope orders:read => shop=client_id
clients create --tenant globex --name Feed --kind service --scope orders:read => feed=client_id
clients set {shop} --tenant globex --name Store
clients quotas {shop} --tenant globex --day 100
clients disable {shop} --tenant globex
clients enable {shop} --tenant globex
clients rotate-secret {shop} --tenant globex => secret=secret_id
clients revoke-secret {shop} {secret} --tenant globex
api-keys create --tenant globex --client {shop} --name Nightly --scope orders:read => key=id
api-keys revoke {key} --tenant globex
exchanges allow {shop} --tenant globex --tokens-of {feed} --way delegation
exchanges forbid {shop} --tenant globex --tokens-of {feed}
assertions create {ci}
assertions set build --tenant globex --longest 60
assertions disable build --tenant globex
assertions enable build --tenant globex
assertions remove build --tenant globex
clients delete {feed} --tenant globex
resource-servers create https://orders.example/ --tenant globex --name Orders => server=id
resource-servers set {server} --tenant globex --name Parcels
resource-servers delete {server} --tenant globex
registrations create-token --tenant globex --name Partners => token=id
registrations revoke-token {token} --tenant globex
connections create corp {corp} < {secret_phrase}
connections set corp --tenant globex --label SSO
connections set-secret corp --tenant globex < {secret_phrase}
connections disable corp --tenant globex
connections enable corp --tenant globex
domains add globex.example --tenant globex => record=record_value
domains verify globex.example --tenant globex
domains route globex.example --tenant globex --connection corp
domains remove globex.example --tenant globex
connections disable corp --tenant globex
connections remove corp --tenant globex
webhooks create https://told.example/x --tenant globex --event user.* => hook=id
webhooks set {hook} --tenant globex --description Shop
webhooks test {hook} --tenant globex
@webhooks_failed
webhooks replay {hook} --tenant globex --failed
webhooks rotate-secret {hook} --tenant globex
webhooks pause {hook} --tenant globex
webhooks resume {hook} --tenant globex
webhooks delete {hook} --tenant globex
audit contact globex --address {mail}-6@example.com
audit contact globex --resend
audit contact globex --withdraw
audit keys rotate
audit export globex {folder}/trail.jsonl --format jsonl
privacy export {ada} --to {folder}/ada.zip
privacy hold {ada} --reason Case-7
privacy lift {ada}
privacy erase {bob} --reason letter
privacy keep {bob}
@a_client_registered
registrations renew {own} --tenant {owner}
@nobody_used_it
registrations prune
@an_identity_is_linked
identities unlink {identity}
@a_logout_failed
logouts retry --failed
users create {carol} --name {name} => carol_id=id
@somebody_was_erased
privacy erase-again --tenant globex --from {folder}/erasures.json
streams rewind siem --tenant globex --after 0
tenants archive partner
apply {folder}/declared.yaml
tenants export globex {folder}/globex.copy --passphrase-file {folder}/passphrase
"""

# What reads, and what is not about what is stored.
LOOKS = {
    "api-keys": "list whose", "assertions": "list show", "audit": "verify", "export": "",
    "audit anchors": "compare list", "audit keys": "list", "clients": "list secrets show snippets",
    "connections": "list show test", "db": "check current", "domains": "check list",
    "exchanges": "list", "identities": "list", "invitations": "list", "keys": "list",
    "logouts": "list", "mail": "list", "plan": "", "registrations": "list", "roles": "list",
    "privacy": "consents erasures receipt registry", "resource-servers": "list",
    "streams": "list", "tenants": "limits", "usage": "show", "users": "imports list show",
    "webhooks": "deliveries events list", "witness": "show",
}  # fmt: skip
SILENT = {
    "audit anchors send": "gives anchors what is signed",
    "audit sequence": "numbers and signs what is recorded",
    "db prune": "takes away what is over; what that is of the trail is recorded",
    "db upgrade": "changes the tables, and nothing that is in them",
    "demo": "makes an installation to look at",
    "identities refresh-token": "renews what a provider gave, as every use of it does",
    "keys reencrypt": "encrypts anew; nothing means anything else",
    "serve": "is the server",
    "witness init": "is of a witness, which has no trail",
    "witness serve": "is of a witness, which has no trail",
    "witness trust": "is of a witness, which has no trail",
    "worker": "does what was asked for",
}
# What takes an installation of its own: where its event is looked for.
ELSEWHERE = {
    "audit anchors accept": ("trail/test_anchors.py", EventType.TRAIL_CONTRADICTION_ACCEPTED),
    "init": ("flows/test_audit.py", EventType.INSTALLATION_CREATED),
    "tenants import": ("flows/test_copies.py", EventType.TENANT_IMPORTED),
}
