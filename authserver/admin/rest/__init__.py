"""How a call of the administration API becomes an answer: one pipeline for every operation.

An operation is data: method, path, permission, models, handler. Match it, find the caller, count
the call, check the permission, read query and body strictly, do it in one transaction, answer. So
no operation can forget a step, and the document (OpenAPI 3.1) is made of what is executed. Must not
know any resource.
"""
