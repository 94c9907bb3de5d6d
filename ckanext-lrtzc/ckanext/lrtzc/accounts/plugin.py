"""Wiring of the room `lrtzc_accounts`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts import (
    blocks,
    functions,
    helpers,
    holding,
    pages,
    second,
    signing,
    undoing,
    views,
)
from ckanext.lrtzc.accounts.logic import (
    action,
    auth,
    closing,
    identity,
    invitations,
    members,
    profiles,
    shown,
    uploads,
    validators,
)
from ckanext.lrtzc.interfaces import IFunctions, IPersonalData, IUndo, IWorkspace


@tk.blanket.blueprints
@tk.blanket.config_declarations
class AccountsPlugin(
    IFunctions, IPersonalData, IUndo, IWorkspace, p.IActions, p.IAuthenticator, p.IAuthFunctions, p.IConfigurer,
    p.IMiddleware, p.INotifier, p.ITemplateHelpers, p.IValidators, p.SingletonPlugin,
):  # fmt: skip
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's pages and their script."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_accounts")

    def update_config_schema(self, known):
        """Check what administrators write on the page of settings."""
        ignore_missing = tk.get_validator("ignore_missing")
        return {**known, second.COMPULSORY: [ignore_missing, validators.lrtzc_accounts_whom]}

    def make_middleware(self, app, config):
        """Let our views answer at the addresses of CKAN's that they stand for."""
        for endpoint, view in views.REPLACED.items():
            app.view_functions[endpoint] = view
        app.view_functions["user.edit"] = views.own_profile_or(app.view_functions["user.edit"])
        return app

    def get_auth_functions(self):
        """Give the room's rights, and what profiles add to those of others."""
        names = (*action.__all__, *identity.__all__, *profiles.__all__, "lrtzc_account_invitation_accept")
        ours = {name: getattr(auth, name) for name in names}
        return {**ours, **functions.auth_functions()}

    def get_actions(self):
        """Give the room's actions, and what guards CKAN's of accounts."""
        rooms = (action, closing, identity, invitations, members, profiles, uploads)
        ours = {name: getattr(room, name) for room in rooms for name in room.__all__}
        return {**ours, **shown.actions()}

    def notify_about_topic(self, already_notified, topic, details):
        """Write the letter of an invitation, in the place of CKAN's, whose key has no end."""
        if topic != "user_invited":
            return already_notified
        invitations.send(details["user"], details["group"])
        return True

    def get_functions(self):
        """Give the functions of the core."""
        return functions.own()

    def get_personal_data(self):
        """Declare what CKAN's accounts hold."""
        return {"account": holding.AccountHolding()}

    def get_helpers(self):
        """Give what templates ask."""
        return {"lrtzc_accounts_home": helpers.lrtzc_accounts_home, "linked_user": helpers.linked_user}

    def get_blocks(self):
        """Give the blocks of the workspace that the core has."""
        return blocks.OWN

    def get_waiting(self, user):
        """Say which files of theirs wait for a person."""
        return list(blocks.files_waiting(user))

    def get_undos(self):
        """Undo that rights and places were given or taken."""
        return undoing.UNDOS

    def get_validators(self):
        """Give our validators; the password's stands in the place of CKAN's."""
        ours = {name: each for name, each in vars(validators).items() if name.startswith("lrtzc_accounts_")}
        return {**ours, "user_password_validator": validators.user_password_validator}

    def login(self):
        """Answer at CKAN's address for signing in."""
        return pages.sign_in()

    def logout(self):
        """Forget what was noted of the session; CKAN ends it."""
        signing.end()

    def identify_user(self, user_id=None):
        """Give the account of a session that isn't over."""
        return signing.identify(user_id) if user_id else None
