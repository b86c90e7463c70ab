"""Who people are: accounts, sign-in, sessions, organisations, members and their roles, care relationships.

Words: an *account* belongs to a region and is one person's way to sign in; a *member* is that person in one
organisation (the tenant), with roles and a profile; a *session* is a family of refresh tokens; a *registration* is a
patient's wish to join by a clinic's link, an *invitation* a clinic's offer to join; a *care relationship* says who
treats whom, and from when to when. Schema: `identity`.
"""
