"""Back office: customers, found on name or e-mail, with their persons (C2)."""

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.people.customers import (
    CustomerData,
    find_customer,
    make_customer,
    search_customers,
    update_customer,
)
from app.people.models import Customer
from app.people.problems import PersonRefused
from app.sales.basket import count_lines
from app.web.access import Access, allow
from app.web.arguments import number_argument, page_argument, text_argument
from app.web.backoffice import backoffice
from app.web.pages import page
from app.web.person_forms import CustomerForm, show_problems, tariff_line

PAGE_SIZE = 50


@backoffice.get("/klanten")
@allow(Access.ADMIN, Access.CASHIER)
def customers() -> Response:
    """Everybody who registers or buys."""
    text = text_argument("zoeken")
    found = db.paginate(
        search_customers(text), page=page_argument(), per_page=PAGE_SIZE, error_out=False
    )
    return page("backoffice/customers.html", found=found, text=text)


@backoffice.route("/klanten/nieuw", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def new_customer() -> Response:
    """A customer who comes to the desk: neither e-mail nor account is needed."""
    form = CustomerForm()
    if not form.validate_on_submit():
        return _form_page(form, None)
    try:
        customer = make_customer(_data(form))
    except PersonRefused as refused:
        return _form_page(form, None, show_problems(form, refused.problems))
    flash(f"{customer.name} is bewaard. Voeg nu de gezinsleden toe.", "success")
    activity_id = number_argument("activiteit")
    if activity_id:  # somebody is being registered for it
        to = url_for(
            "backoffice.register_persons", customer_id=customer.id, activity_id=activity_id
        )
        return redirect(to, 303)
    return redirect(url_for("backoffice.customer", customer_id=customer.id), 303)


@backoffice.get("/klanten/<int:customer_id>")
@allow(Access.ADMIN, Access.CASHIER)
def customer(customer_id: int) -> Response:
    """A customer with details, persons and the way to the orders."""
    return page(
        "backoffice/customer.html",
        customer=_customer(customer_id),
        tariff_line=tariff_line,
        in_basket=count_lines(customer_id, made_by_id=current_user.account.id),
    )


@backoffice.route("/klanten/<int:customer_id>/bewerken", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def edit_customer(customer_id: int) -> Response:
    """Change the details; the address somebody signs in with is for admins only.

    Whoever can change that address can have a new password mailed to it.
    """
    known = _customer(customer_id)
    form = CustomerForm()
    if not form.validate_on_submit():
        if request.method == "GET":
            form.fill_from(known)
        return _form_page(form, known)
    try:
        update_customer(customer_id, _data(form, with_email=_may_change_email(known)))
    except PersonRefused as refused:
        return _form_page(form, known, show_problems(form, refused.problems))
    flash("De gegevens zijn bewaard.", "success")
    return redirect(url_for("backoffice.customer", customer_id=customer_id), 303)


def _customer(customer_id: int) -> Customer:
    found = find_customer(customer_id)
    if found is None:
        abort(404)
    return found


def _may_change_email(customer: Customer) -> bool:
    return customer.account is None or current_user.is_admin


def _data(form: CustomerForm, *, with_email: bool = True) -> CustomerData:
    fields = {name: value or "" for name, value in form.data.items() if name != "csrf_token"}
    if not with_email:
        fields["email"] = None
    return CustomerData(**fields)


def _form_page(
    form: CustomerForm, customer: Customer | None, errors: list[tuple[str, str]] | None = None
) -> Response:
    return page(
        "backoffice/customer_form.html",
        forms=[form],
        errors=errors or [],
        form=form,
        customer=customer,
        may_change_email=customer is None or _may_change_email(customer),
    )
